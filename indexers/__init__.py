"""Indexers, one file a family of formats; installed as `semfs.indexers`."""

assert __name__ == "semfs.indexers", "import this package as semfs.indexers"
