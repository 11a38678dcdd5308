// Maps fault codes to HTTP status codes.

import type { AppError, FaultCode } from '../../core/errors.ts';
import { faultOfReading } from './gate.ts';

export const statuses = {
  'request-invalid': 400,
  'role-missing': 403,
  'cross-site-request': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'load-test-refused': 409,
  'body-too-large': 413,
  'body-not-json': 415,
  'body-invalid': 422,
  'calculation-too-long': 422,
  'service-busy': 503,
  'ledger-damaged': 503,
  'ledger-in-use': 503,
  'ledger-unwritable': 503,
  'state-unwritable': 503,
  'ledger-full': 507,
} as const satisfies Partial<Record<FaultCode, number>>;

/** @returns the fault of an error that the user may read; undefined for a defect, whose details only the log has */
export function shownFault(error: unknown): { status: number; fault: AppError } | undefined {
  const fault = faultOfReading(error);
  const status = fault && (statuses as Partial<Record<FaultCode, number>>)[fault.code];
  return fault === undefined || status === undefined ? undefined : { status, fault };
}
