// Lists who has access: who logged in, with which role on which cluster, and unused config entries.

import { z } from 'zod';
import { AccessReview } from '../../../core/documents/access-review.ts';
import { operation, schemaVersion } from '../operation.ts';

export const people = operation({
  path: '/people',
  id: 'listPeople',
  summary: 'Users who logged in, and their roles on the clusters that the caller administers.',
  answer: z.strictObject({ schemaVersion: z.literal(1), ...AccessReview.shape }),
  madeOf: 'moment',
  isForAdmins: true,

  answerTo({ user }, { access, clusters }) {
    const review = access.people?.review(user, clusters.keys()) ?? { people: [], unused: [] };
    return { schemaVersion, ...review };
  },
});
