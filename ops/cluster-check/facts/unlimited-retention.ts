// Names the setting to limit where neither time nor size limits what Kafka keeps on disk.

/** The value of a local limit that is the limit of the whole topic. */
const asTotal = '-2';
const noLimit = '-1';

/**
 * Of a tiered topic the local limits keep the disk free; a shorter total retention deletes its remote messages.
 *
 * @param limitOf the value of a topic setting, or of the broker setting that is its default
 */
export function unlimitedRetention(
  limitOf: (setting: string) => string | undefined,
  isTiered: boolean,
): 'none' | 'retention.ms' | 'local.retention.ms' {
  const isUnlimited = ['retention.ms', 'retention.bytes'].every((total) => {
    const local = isTiered ? (limitOf(`local.${total}`) ?? asTotal) : asTotal;
    return (local === asTotal ? (limitOf(total) ?? noLimit) : local) === noLimit;
  });
  if (!isUnlimited) return 'none';
  return isTiered ? 'local.retention.ms' : 'retention.ms';
}
