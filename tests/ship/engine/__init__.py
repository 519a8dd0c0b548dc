"""A container engine: the machine's own, or a throw-away one."""
