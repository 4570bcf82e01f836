import { errorEvent, event, list, modified, refuse, watch } from '../script.ts';
import type { Scenario } from '../script.ts';
import { failure, thing } from '../things.ts';

const before = [thing('a', '1'), thing('b', '2')];
const after = [thing('a', '1'), thing('c', '13')];
const tooMany = failure(429, 'TooManyRequests');
const soon = { headers: { 'retry-after': '1' } };

const reasons: Readonly<Record<number, string>> = {
  500: 'InternalError',
  502: '',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const everyCode: readonly Scenario[] = Object.entries(reasons).flatMap(([text, reason]) => {
  const code = Number(text);
  return [
    {
      title: `a list answered with ${code} is tried again`,
      steps: [refuse('list', failure(code, reason)), list('10', before)],
    },
    {
      title: `a list answered with ${code} by a proxy is tried again`,
      steps: [refuse('list', '<html>a proxy</html>', { code }), list('10', before)],
    },
    {
      title: `a watch answered with ${code} leads to a list`,
      steps: [list('10', before), refuse('watch', failure(code, reason)), list('20', after)],
    },
    {
      title: `a watch answered with ${code} by a proxy leads to a list`,
      steps: [
        list('10', before),
        refuse('watch', '<html>a proxy</html>', { code }),
        list('20', after),
      ],
    },
    {
      title: `an event that says ${code} leads to a list`,
      steps: [
        list('10', before),
        watch([modified('a', '11'), errorEvent(code, reason)]),
        list('20', after),
      ],
    },
  ];
});

const everyRefusal: readonly Scenario[] = Object.entries({
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
}).flatMap(([text, reason]) => {
  const code = Number(text);
  return [
    {
      title: `a list answered with ${code} is tried until it is not`,
      steps: [
        refuse('list', failure(code, reason)),
        refuse('list', failure(code, reason)),
        list('10', before),
      ],
    },
    {
      title: `a watch answered with ${code} leads to a list`,
      steps: [list('10', before), refuse('watch', failure(code, reason)), list('20', after)],
    },
    {
      title: `${code} for a while, for lists and watches, keeps what is in the cache`,
      steps: [
        list('10', before),
        refuse('watch', failure(code, reason)),
        refuse('list', failure(code, reason)),
        list('20', after),
      ],
    },
    {
      title: `an event that says ${code} leads to a list`,
      steps: [list('10', before), watch([errorEvent(code, reason)]), list('20', after)],
    },
  ];
});

/** Answers that refuse, and events that say so. */
export const serverErrors: readonly Scenario[] = [
  ...everyCode,
  ...everyRefusal,
  {
    title: 'a list answered with 404 in plain text is tried until the resource appears',
    steps: [refuse('list', '404 page not found\n', { code: 404 }), list('10', before)],
  },
  {
    title: 'a list answered with 429 is tried again',
    steps: [refuse('list', tooMany), list('10', before)],
  },
  {
    title: 'a list answered with 429 and Retry-After is tried again',
    steps: [refuse('list', tooMany, soon), list('10', before)],
  },
  {
    title: 'a second page answered with 429 and Retry-After is tried again',
    steps: [
      list('10', before, { continue: 'two' }),
      refuse('list', tooMany, soon),
      list('10', [thing('c', '3')]),
    ],
  },
  {
    title: 'a watch answered with 429 is tried again without a list',
    steps: [list('10', before), refuse('watch', tooMany)],
  },
  {
    title: 'a watch answered with 429 three times is tried again without a list',
    steps: [
      list('10', before),
      refuse('watch', tooMany),
      refuse('watch', tooMany),
      refuse('watch', tooMany),
    ],
  },
  {
    title: 'a watch answered with 429 and Retry-After is tried again without a list',
    steps: [list('10', before), refuse('watch', tooMany, soon)],
  },
  {
    title: 'an event that says 429 leads to another watch',
    steps: [list('10', before), watch([modified('a', '11'), errorEvent(429, 'TooManyRequests')])],
  },
  {
    title: 'an event that says 429 and when to come again leads to another watch',
    steps: [
      list('10', before),
      watch([errorEvent(429, 'TooManyRequests', { details: { retryAfterSeconds: 1 } })]),
    ],
  },
  {
    title: 'a list answered with 503 and Retry-After is tried again',
    steps: [refuse('list', failure(503, 'ServiceUnavailable'), soon), list('10', before)],
  },
  {
    title: 'a watch answered with 503 and Retry-After is tried again without a list',
    steps: [list('10', before), refuse('watch', failure(503, 'ServiceUnavailable'), soon)],
  },
  {
    title: 'a watch answered with 500 and Retry-After is tried again without a list',
    steps: [list('10', before), refuse('watch', failure(500, 'InternalError'), soon)],
  },
  {
    title: 'a list answered with 422 is tried again',
    steps: [refuse('list', failure(422, 'Invalid')), list('10', before)],
  },
  {
    title: 'a watch answered with 400 leads to a list',
    steps: [list('10', before), refuse('watch', failure(400, 'BadRequest')), list('20', after)],
  },
  {
    title: 'a failure of a server with a code that nobody knows leads to a list',
    steps: [list('10', before), refuse('watch', failure(599, 'Unheard')), list('20', after)],
  },
  {
    title: 'an error event with an empty Status leads to a list',
    steps: [
      list('10', before),
      watch([event('ERROR', { kind: 'Status', apiVersion: 'v1' })]),
      list('20', after),
    ],
  },
  {
    title: 'an error event with an object that is no Status leads to a list',
    steps: [list('10', before), watch([event('ERROR', thing('a', '11'))]), list('20', after)],
  },
  {
    title: 'events after an error event do not count',
    steps: [
      list('10', before),
      watch([errorEvent(500, 'InternalError'), modified('a', '11')]),
      list('20', after),
    ],
  },
];
