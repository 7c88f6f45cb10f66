"""What people and programs see; all of it reads the store."""
