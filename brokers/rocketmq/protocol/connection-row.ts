// Parses the rows of a broker's client connection lists.

import { defined } from '../../../core/defined.ts';
import { LooseObject, type LooseJson } from './loose-json.ts';

export type ClientConnection = ReturnType<typeof connectionsOf>[number];

/** `{"clientAddr":string,"clientId":string,"language":enum,"version":int}`; rows without an id are left out. */
export function connectionsOf(rows: readonly LooseJson[] = []) {
  return rows.flatMap((row) => {
    const clientId = row instanceof LooseObject ? row.text('clientId') : undefined;
    if (!(row instanceof LooseObject) || clientId === undefined) return [];
    const version = row.number('version');
    return defined({
      clientId,
      address: (row.text('clientAddr') ?? row.text('remoteIP'))?.replace(/^\//, ''),
      language: row.text('language'),
      /** Version as mqadmin prints it, such as `V4_9_7`. */
      version: version === undefined ? undefined : clientVersionOf(version),
    });
  });
}

/**
 * The number is the position in upstream's enum MQVersion. From 4.0.0 on, each release has two positions, snapshot and
 * final, and each minor version has ten patches: V4_0_0_SNAPSHOT is 212, V4_9_7 is 407, V5_3_3 is 479.
 *
 * @returns the version as mqadmin prints it; `version N` before 4.0.0
 */
export function clientVersionOf(ordinal: number): string {
  if (!Number.isInteger(ordinal) || ordinal < 212) return `version ${ordinal}`;
  const release = (ordinal - 212) >> 1;
  const version = `V${4 + Math.floor(release / 100)}_${Math.floor(release / 10) % 10}_${release % 10}`;
  return ordinal % 2 === 0 ? `${version}_SNAPSHOT` : version;
}
