// What do the pages of a cluster say beside its standing? Every language has all of it.

import type { Language } from '../strings.ts';
import { clusterEn } from './words-en.ts';
import { clusterZh } from './words-zh.ts';

export type ClusterWords = typeof clusterEn;

export const clusterLanguages: Readonly<Record<Language, ClusterWords>> = { en: clusterEn, zh: clusterZh };
