"""What a license allows and how its use is counted. Pure: the same facts and time give the same answer anywhere."""
