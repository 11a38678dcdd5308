// Lists the figures stored for a cluster, its brokers, groups and topics; each name ends with its unit.

export const figures = {
  cluster: ['produceTps', 'consumeTps', 'brokersAnswering', 'brokersExpected'],
  broker: [
    'produceTps',
    'cpuRatio',
    'networkInRatio',
    'networkOutRatio',
    'networkInBytesPerSecond',
    'networkOutBytesPerSecond',
    'diskIoRatio',
    'diskSpaceRatio',
    'heapRatio',
  ],
  group: ['lagMessages', 'lagSeconds', 'consumeTps'],
  topic: ['produceTps', 'consumeTps'],
} as const;

export type Part = keyof typeof figures;
export type Figure<Of extends Part = Part> = (typeof figures)[Of][number];

export const parts = Object.keys(figures) as Part[];

/** Values of one part of a cluster in one reading. Unknown figures are absent. */
export interface PartReading<Of extends Part = Part> {
  of: Of;
  /** Broker id, group or topic; empty for the cluster. */
  name: string;
  values: Partial<Record<Figure<Of>, number>>;
  /** For groups and topics: those with the highest weights are stored. */
  weight?: number;
}
