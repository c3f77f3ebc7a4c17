"""The tree in the mount and its FUSE adapter; installed as `semfs.mount`."""

assert __name__ == "semfs.mount", "import this package as semfs.mount"
