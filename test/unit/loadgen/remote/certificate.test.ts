import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthority } from '../../../../loadgen/remote/certificate.ts';

const now = new Date('2026-11-20T12:00:00Z');

test('a certificate is verified by its own authority and by no other', () => {
  const authority = createAuthority(now);
  const { certificate, key } = authority.issue('machine-a', 'client');
  const read = new X509Certificate(certificate);
  const ca = new X509Certificate(authority.certificate);
  expect(read.subject).toBe('CN=machine-a');
  expect(read.checkIssued(ca)).toBe(true);
  expect(read.verify(ca.publicKey)).toBe(true);
  expect(read.verify(new X509Certificate(createAuthority(now).certificate).publicKey)).toBe(false);
  expect(ca.ca).toBe(true);
  expect(read.ca).toBe(false);
  expect(key).toContain('BEGIN PRIVATE KEY');
});

test('a certificate is valid from before its creation, so that a slow clock can be reported', () => {
  const read = new X509Certificate(createAuthority(now).issue('coordinator', 'server').certificate);
  expect(read.validFromDate.toISOString()).toBe('2026-11-13T12:00:00.000Z');
  expect(read.validToDate.toISOString()).toBe('2027-01-19T12:00:00.000Z');
  expect(read.subjectAltName).toBe('DNS:coordinator');
});

test('years from 2050 on are encoded with four digits', () => {
  const read = new X509Certificate(createAuthority(new Date('2060-01-01T00:00:00Z')).certificate);
  expect(read.validFromDate.toISOString()).toBe('2059-12-25T00:00:00.000Z');
});
