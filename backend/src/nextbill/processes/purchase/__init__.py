"""From the paid order to everything delivered."""
