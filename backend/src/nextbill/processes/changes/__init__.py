"""What follows from a change of a subscription: the upgrade that was paid, the license that goes with it, what falls due."""
