"""The billing run: what falls due is invoiced, charged or sent, once, however often and wherever it is started."""
