// Names the group that stores change leases; it consumes nothing and is hidden in lists of groups.

export const leaseGroup = 'plimsoll-change-lease';
