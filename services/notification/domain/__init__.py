"""The rules, in the words of the trade: `values` says what there is, `life` what happens."""
