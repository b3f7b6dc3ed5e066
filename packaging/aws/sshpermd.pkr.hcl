# Packer template: an AMI with sshpermd, enabled, and nothing remembered of the build machine.
packer {
  required_version = ">= 1.8.0"
  required_plugins {
    amazon = {
      version = ">= 1.2.0"
      source  = "github.com/hashicorp/amazon"
    }
  }
}

variable "package" {
  type        = string
  description = "The .deb or .rpm on this machine."
}

variable "source_ami" {
  type        = string
  description = "The image to begin with; of the package's distribution and architecture."
}

variable "region" {
  type = string
}

variable "instance_type" {
  type    = string
  default = "t3.small"
}

variable "ssh_username" {
  type        = string
  description = "ec2-user, admin or ubuntu, as the image has it."
  default     = "ec2-user"
}

locals {
  stamp = formatdate("YYYYMMDD-hhmmss", timestamp())
}

source "amazon-ebs" "sshpermd" {
  region        = var.region
  instance_type = var.instance_type
  source_ami    = var.source_ami
  ssh_username  = var.ssh_username
  ami_name      = "sshpermd-${local.stamp}"

  # The build's own key leaves the image.
  ssh_clear_authorized_keys = true

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
}

build {
  sources = ["source.amazon-ebs.sshpermd"]

  provisioner "file" {
    source      = var.package
    destination = "/var/tmp/sshpermd-package"
  }

  # seal.sh is the last: put provisioners of your own before it.
  provisioner "shell" {
    scripts = [
      "${path.root}/install.sh",
      "${path.root}/seal.sh",
    ]
    execute_command = "sudo bash {{ .Path }}"
  }
}
