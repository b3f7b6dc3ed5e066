# The part of run.py that happens inside the namespaces.
import argparse
import os
import sys

sys.dont_write_bytecode = True
from measure import everything, ground, report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work")
    parser.add_argument("build")
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--normal-priority", action="store_true")
    parser.add_argument("--beside")
    chosen = parser.parse_args()
    if os.getpid() != 1:
        sys.exit("inside.py is started by run.py only, as the first process of its namespace")
    the_ground = ground.Ground(chosen)
    document = everything.run(the_ground, [name for name in chosen.only.split(",") if name])
    report.write(document, chosen.work + "/report.json")
    print(report.table(document))
    sys.exit(1 if document["failed"] else 0)


main()
