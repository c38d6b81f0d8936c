"""The `esr` command: `main` gathers the verbs, one module per verb group."""
