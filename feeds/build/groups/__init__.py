"""Which posts each feed holds: terms, groups, conditions of sets, and plans of feeds."""
