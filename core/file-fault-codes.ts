// Maps file system errors of a write to fault codes.

import type { FaultCode } from './errors.ts';

export const fileFaultCodes: Readonly<Record<string, FaultCode>> = {
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EROFS: 'no-permission',
  ENAMETOOLONG: 'usage',
};
