import { expect, test } from 'vitest';
import { HostInventory } from '../../../../core/documents/evidence/host-reading.ts';

test('inventories of older versions, which name the kind of a disk, are read', () => {
  const disks = [{ device: 'disk0', sizeBytes: 1_000_555_581_440, kind: 'SSD' }];
  expect(HostInventory.parse({ host: 'broker-1', disks })).toEqual({ host: 'broker-1', disks });
});
