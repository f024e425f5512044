"""Real boots of virtual machines under Secure Boot with a virtual TPM, in QEMU without KVM."""
