"""The mount over the scripted service, at which calls of the kernel are tried one by one."""

from tests.mount.conftest import mnt, service, tree

__all__ = ["mnt", "service", "tree"]
