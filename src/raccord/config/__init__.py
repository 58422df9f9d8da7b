"""How the service is put together: settings, addresses, and the servers that are launched."""
