"""What each sentence of the scenarios means: which rule answers it, over what."""
