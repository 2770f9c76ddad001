"""The alerts in the words of other vendors, one file each; none knows another."""
