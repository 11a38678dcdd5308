// Names the group that stores change leases; it consumes nothing and is hidden from lists of groups.

export const leaseGroup = 'plimsoll-change-lease';
