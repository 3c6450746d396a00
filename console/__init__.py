"""hubhomes: the chain that brings home directories to JupyterHub users, its findings and its actions."""
