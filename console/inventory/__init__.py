"""The declared side: configuration trees, merged as Helm merges them, each value with its origin."""
