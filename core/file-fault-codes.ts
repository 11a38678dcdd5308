// Which fault is it when the file system refuses to write? What everybody says alike.

import type { FaultCode } from './errors.ts';

export const fileFaultCodes: Readonly<Record<string, FaultCode>> = {
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EROFS: 'no-permission',
};
