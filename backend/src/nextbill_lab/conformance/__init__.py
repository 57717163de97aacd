"""Does a panel keep to the contract? Its own calls, and the questions that it asks of billing."""
