// Classifies series by level of detail (partition, topic, group, cluster); the finest are dropped first.

export type Detail = 'partition' | 'topic' | 'group' | 'cluster';

/** Details that may be omitted, in this order; series of brokers and of the cluster stay. */
export const shedOrder = ['partition', 'topic', 'group'] as const satisfies readonly Detail[];

/** Label names of each detail, including those of compatible exporters. */
const labelsOf: Readonly<Record<(typeof shedOrder)[number], readonly string[]>> = {
  partition: ['partition', 'queue', 'partition_id', 'queueId'],
  topic: ['topic', 'topic_name'],
  group: ['consumergroup', 'group', 'group_id'],
};

const remainder = '_other';

export function detailOf(labels: readonly string[]): Detail {
  return shedOrder.find((detail) => labels.some((label) => labelsOf[detail].includes(label))) ?? 'cluster';
}

export function foldLabels(names: readonly string[], values: readonly string[], shed: ReadonlySet<Detail>): string[] {
  return names.map((name, index) => {
    const isShed = shedOrder.some((detail) => shed.has(detail) && labelsOf[detail].includes(name));
    return isShed ? remainder : (values[index] ?? '');
  });
}
