"""The domain of the platform, in the order in which data flows. See docs/architecture.md."""
