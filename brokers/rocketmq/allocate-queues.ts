// Computes which queues a group member reads, identically to Java's clients.

/**
 * Assigns contiguous shares, the longer ones first (AllocateMessageQueueAveragely).
 *
 * @param queues in the order all members agree on: by broker name, then queue id
 * @param members client ids, which are sorted as text
 * @returns the share of `member`; empty if it is not a member, or if there are too many members for the queues
 */
export function allocateQueues<Queue>(queues: readonly Queue[], members: readonly string[], member: string): Queue[] {
  const index = members.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).indexOf(member);
  if (index < 0) return [];
  const size = Math.floor(queues.length / members.length);
  const longer = queues.length % members.length;
  const from = index * size + Math.min(index, longer);
  return queues.slice(from, from + size + (index < longer ? 1 : 0));
}
