// Parses vendor, model and serial number of a disk from /run/udev/data/bMAJOR:MINOR: lines `E:ID_MODEL=…`.

import type { DiskIdentity } from '../../core/documents/evidence/host-reading.ts';
import { wholeLines } from './whole-lines.ts';

/** @param text undefined without udev, as in a container: the fields are then empty */
export function parseUdevDisk(device: string, [major, minor]: readonly [string, string], text = ''): DiskIdentity {
  const properties = new Map<string, string>();
  for (const line of wholeLines(text)) {
    const [, name, value] = /^E:(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) properties.set(name, value);
  }
  const word = (...names: string[]) => names.map((name) => properties.get(name)).find((value) => value) ?? '';
  return {
    device,
    major,
    minor,
    path: word('ID_PATH'),
    wwn: word('ID_WWN'),
    model: word('ID_MODEL'),
    // Same order as node_exporter: label on the disk, then SCSI serial, then virtio serial.
    serial: word('SCSI_IDENT_SERIAL', 'ID_SERIAL_SHORT', 'ID_SERIAL'),
    revision: word('ID_REVISION'),
  };
}
