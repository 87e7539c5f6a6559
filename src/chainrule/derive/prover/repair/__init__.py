"""The search for the edit that makes a wrong line follow."""
