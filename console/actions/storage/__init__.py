"""A hub's directory, volume and claim: made, freed, and bound again."""
