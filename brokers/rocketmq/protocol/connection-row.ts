// Parses the rows of a broker's client connection lists.

import { clientVersionOf } from './client-version.ts';
import { LooseObject, type LooseJson } from './loose-json.ts';

export interface ClientConnection {
  clientId: string;
  address?: string;
  language?: string;
  /** As mqadmin words it, such as `V4_9_7`. */
  version?: string;
}

/** `{"clientAddr":string,"clientId":string,"language":enum,"version":int}`; rows without an id are left out. */
export function connectionsOf(rows: readonly LooseJson[] | undefined): ClientConnection[] {
  const connections: ClientConnection[] = [];
  for (const row of rows ?? []) {
    const clientId = row instanceof LooseObject ? row.text('clientId') : undefined;
    if (!(row instanceof LooseObject) || clientId === undefined) continue;
    const address = (row.text('clientAddr') ?? row.text('remoteIP'))?.replace(/^\//, '');
    const [language, version] = [row.text('language'), row.number('version')];
    connections.push({
      clientId,
      ...(address !== undefined && { address }),
      ...(language !== undefined && { language }),
      ...(version !== undefined && { version: clientVersionOf(version) }),
    });
  }
  return connections;
}
