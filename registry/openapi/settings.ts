import { ok } from './answers.ts'
import type { Operations } from './operation.ts'
import { flag } from './parameters.ts'
import { refer } from './schemas.ts'

const TO_GLOBAL = flag('defaultToGlobal', 'What holds for the subject, where nothing is set for it.')
const CONFIG_BODY = { schema: 'ConfigRequest', examples: { backward: { compatibility: 'BACKWARD' } } }
const MODE_BODY = { schema: 'ModeRequest', examples: { 'reading and writing': { mode: 'READWRITE' } } }

/** What is set globally, and for one subject. */
export const SETTINGS: Operations = {
  'GET /config': {
    id: 'getConfig',
    summary: 'Gets the global settings',
    answers: ok('Settings.', refer('Config')),
  },
  'PUT /config': {
    id: 'setConfig',
    summary: 'Changes the global settings',
    body: CONFIG_BODY,
    answers: ok('All that is set then.', refer('ChangedConfig')),
    refusals: [422],
  },
  'DELETE /config': {
    id: 'deleteConfig',
    summary: 'Takes the global settings away',
    answers: ok('What they were.', refer('Config')),
    refusals: [422],
  },
  'GET /config/:subject': {
    id: 'getSubjectConfig',
    summary: 'Gets the settings of a subject',
    query: [TO_GLOBAL],
    answers: ok('Settings.', refer('Config')),
    refusals: [404],
  },
  'PUT /config/:subject': {
    id: 'setSubjectConfig',
    summary: 'Changes the settings of a subject',
    body: CONFIG_BODY,
    answers: ok('All that is set then.', refer('ChangedConfig')),
    refusals: [422],
  },
  'DELETE /config/:subject': {
    id: 'deleteSubjectConfig',
    summary: 'Takes the settings of a subject away',
    answers: ok('What they were.', refer('Config')),
    refusals: [404, 422],
  },
  'GET /mode': { id: 'getMode', summary: 'Gets the global mode', answers: ok('The mode.', refer('Mode')) },
  'PUT /mode': {
    id: 'setMode',
    summary: 'Sets the global mode; null takes it away',
    body: MODE_BODY,
    answers: ok('What was sent.', refer('ChangedMode')),
    refusals: [422],
  },
  'DELETE /mode': {
    id: 'deleteMode',
    summary: 'Takes the global mode away',
    answers: ok('What it was.', refer('Mode')),
  },
  'GET /mode/:subject': {
    id: 'getSubjectMode',
    summary: 'Gets the mode of a subject',
    query: [TO_GLOBAL],
    answers: ok('The mode.', refer('Mode')),
    refusals: [404],
  },
  'PUT /mode/:subject': {
    id: 'setSubjectMode',
    summary: 'Sets the mode of a subject; null takes it away',
    body: MODE_BODY,
    answers: ok('What was sent.', refer('ChangedMode')),
    refusals: [422],
  },
  'DELETE /mode/:subject': {
    id: 'deleteSubjectMode',
    summary: 'Takes the mode of a subject away',
    answers: ok('What it was.', refer('Mode')),
    refusals: [404],
  },
}
