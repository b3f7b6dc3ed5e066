#include "explain/sshd_keywords.hpp"

#include "policy/fields.hpp"
#include "policy/letters.hpp"
#include "policy/spelling.hpp"

#include <algorithm>
#include <vector>

namespace sshpermd {
namespace {

/// servconf.c keywords[] of OpenSSH up to 10, with those of Debian, Red Hat, FreeBSD and HPN.
constexpr std::string_view keywords =
    "acceptenv addressfamily afstokenpassing allowagentforwarding allowgroups "
    "allowstreamlocalforwarding allowtcpforwarding allowusers authenticationmethods "
    "authorizedkeyscommand authorizedkeyscommanduser authorizedkeysfile authorizedkeysfile2 "
    "authorizedprincipalscommand authorizedprincipalscommanduser authorizedprincipalsfile "
    "banner casignaturealgorithms challengeresponseauthentication channeltimeout checkmail "
    "chrootdirectory ciphers clientalivecountmax clientaliveinterval compression "
    "debianbanner denygroups denyusers disableforwarding dsaauthentication exposeauthinfo "
    "fingerprinthash forcecommand gatewayports gssapiauthentication gssapicleanupcredentials "
    "gssapicleanupcreds gssapidelegatecredentials gssapienablek5users gssapikexalgorithms "
    "gssapikeyexchange gssapistorecredentialsonrekey gssapistrictacceptorcheck "
    "gssapiusesessioncredcache gssusesessionccache hostbasedacceptedalgorithms "
    "hostbasedacceptedkeytypes hostbasedauthentication hostbasedusesnamefrompacketonly "
    "hostcertificate hostdsakey hostkey hostkeyagent hostkeyalgorithms hpnbuffersize "
    "hpndisabled ignorerhosts ignoreuserknownhosts include ipqos "
    "kbdinteractiveauthentication keepalive kerberosauthentication kerberosgetafstoken "
    "kerberosorlocalpasswd kerberostgtpassing kerberosticketcleanup kerberosuniqueccache "
    "kerberosusekuserok kexalgorithms keyregenerationinterval listenaddress logingracetime "
    "loglevel logverbose lpkservers macs match maxauthtries maxsessions maxstartups "
    "modulifile nonecipherenabled nonemacenabled paminauthentication pamservicename "
    "passwordauthentication permitblacklistedkeys permitemptypasswords permitlisten "
    "permitopen permitpamuserchange permitrootlogin permittty permittunnel "
    "permituserenvironment permituserrc persourcemaxstartups persourcenetblocksize "
    "persourcepenalties persourcepenaltyexemptlist pidfile port printlastlog printmotd "
    "protocol pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication "
    "pubkeyauthoptions rdomain refuseconnection rekeylimit requiredrsasize "
    "reversemappingcheck revokedkeys rhostsauthentication rhostsrsaauthentication "
    "rsaauthentication rsaminsize sacloverride securitykeyprovider serverkeybits setenv "
    "showpatchlevel skeyauthentication sshdauthpath sshdsessionpath streamlocalbindmask "
    "streamlocalbindunlink strictmodes subsystem syslogfacility tcpkeepalive tcprcvbufpoll "
    "trustedusercakeys unusedconnectiontimeout useblacklist useblocklist usedns uselogin "
    "usepam useprivilegeseparation verifyreversemapping versionaddendum x11displayoffset "
    "x11forwarding x11maxdisplays x11uselocalhost xauthlocation";

bool one_holds_the_other(std::string_view one, std::string_view other) {
    constexpr std::size_t telling = 6;
    return (one.size() >= telling && other.find(one) != std::string_view::npos) ||
           (other.size() >= telling && one.find(other) != std::string_view::npos);
}

std::size_t tolerated(std::size_t length) {
    if (length < 6)
        return 1;
    return length < 10 ? 2 : 3;
}

} // namespace

bool is_sshd_keyword(std::string_view word) {
    const auto all = fields_of(keywords, " ");
    return std::find(all.begin(), all.end(), lowered(word)) != all.end();
}

std::string keyword_like(std::string_view word) {
    constexpr std::size_t longest = 64;
    const auto given = lowered(word.substr(0, longest));
    std::string best;
    auto least = given.size() + longest;
    for (const auto known : fields_of(keywords, " ")) {
        const auto far = edit_distance(given, known);
        const bool is_like = far <= tolerated(std::min(given.size(), known.size())) ||
                             one_holds_the_other(given, known);
        if (is_like && far < least) {
            least = far;
            best = std::string{known};
        }
    }
    return best;
}

} // namespace sshpermd
