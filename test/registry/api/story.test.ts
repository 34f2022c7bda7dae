import { describe, expect, test } from 'vitest'
import { clientOf, FORMS, fields, OPTION, TEXT } from './own-registry.ts'

describe.each(FORMS)('the story of the votes, on %s', (_form, make) => {
  test('is refused with the reason, mended, and accepted', async () => {
    await using registry = await make()
    const { publish, ask, record } = clientOf(registry)
    const tally = { branch: 'main', reads: [{ stream: 'votes', schema: fields({ vote: TEXT }) }] }
    expect(await publish('tally', '1', tally)).toMatchObject({ status: 201 })
    expect(await ask('tally', '1')).toMatchObject({ body: { answer: 'no', stops: [{ reason: 'missing' }] } })
    await publish('vote-api', '1', { writes: [{ stream: 'votes', schema: fields({ vote: OPTION }) }] })
    expect(await ask('vote-api', '1')).toMatchObject({ status: 200, body: { answer: 'yes' } })
    expect(await record('vote-api', '1')).toMatchObject({ status: 201 })
    expect(await ask('tally', '1')).toMatchObject({ body: { answer: 'yes' } })
    expect(await record('tally', '1')).toMatchObject({ status: 201 })

    await publish('vote-api', '2', { writes: [{ stream: 'votes', schema: fields({ option: OPTION }) }] })
    expect(await ask('vote-api', '2')).toMatchObject({
      status: 200,
      body: {
        answer: 'no',
        stops: [
          {
            reason: 'incompatible',
            channel: 'stream:votes',
            witness: { option: 'cats' },
            wire: [['option', 'cats']],
            text: 'On stream:votes, tally 1 (deployed) does not read all that vote-api 2 (the candidate) writes: /vote is required by the reader and never written. The writer writes `option`, which takes the same values: renamed?',
          },
        ],
      },
    })
    await publish('vote-api', '3', { writes: [{ stream: 'votes', schema: fields({ vote: OPTION, option: OPTION }) }] })
    expect(await ask('vote-api', '3')).toMatchObject({ body: { answer: 'yes', back: { answer: 'safe' } } })
    expect(await record('vote-api', '3')).toMatchObject({ body: { ended: [{ version: '1' }] } })
  })
})
