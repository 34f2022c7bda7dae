import { script } from './scripts.ts'

/**
 * Where a letter's own fields end and what is said of it begins: at the last `_dead_reason`, since an entry's own fields
 * stand before it and may have that name themselves.
 */
const ABOUT_FROM = `
local function aboutFrom(fields)
  for i = #fields - 1, 1, -2 do if fields[i] == '_dead_reason' then return i end end
  return #fields + 1
end
local function sizeOf(fields)
  local size = 0
  for i = 2, #fields, 2 do size = size + #fields[i] end
  return size
end
`

/**
 * One page: what is said of each letter, and its own fields when they are asked for; nothing else leaves the server.
 * Letters are fetched a few at a time and a page ends after a megabyte of values, so that large ones neither fill the
 * memory nor hold Redis up. Answers where to go on.
 */
export const PAGE = script(`${ABOUT_FROM}
local from, to, most, wanted, reason, isWhole = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6] == '1'
local found, looked, size = {}, 0, 0
local function look(id, fields)
  local start = aboutFrom(fields)
  if reason ~= '' and fields[start + 1] ~= reason then return end
  local about, own = {}, {}
  for i = start, #fields, 2 do
    if isWhole or fields[i] ~= '_dead_fields' then
      about[#about + 1] = fields[i]
      about[#about + 1] = fields[i + 1]
    end
  end
  if isWhole then for i = 1, start - 1 do own[i] = fields[i] end end
  found[#found + 1] = { id, about, own }
end
while looked < most and size < 1000000 do
  local letters = redis.call('XRANGE', KEYS[1], from, to, 'COUNT', 10)
  if #letters == 0 then return { found, false } end
  for _, letter in ipairs(letters) do
    from = '(' .. letter[1]
    look(letter[1], letter[2])
    size = size + sizeOf(letter[2])
    if #found == wanted then return { found, from } end
  end
  looked = looked + #letters
end
return { found, from }
`)

/** How many letters of each reason one page has: reason, count, reason, count. Answers where to go on. */
export const COUNT = script(`${ABOUT_FROM}
local from, to, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local counts, counted, looked, size, goOn = {}, {}, 0, 0, true
while goOn and looked < most and size < 1000000 do
  local letters = redis.call('XRANGE', KEYS[1], from, to, 'COUNT', 10)
  for _, letter in ipairs(letters) do
    from = '(' .. letter[1]
    local reason = letter[2][aboutFrom(letter[2]) + 1] or ''
    counts[reason] = (counts[reason] or 0) + 1
    size = size + sizeOf(letter[2])
  end
  looked = looked + #letters
  goOn = #letters > 0
end
for reason, count in pairs(counts) do
  counted[#counted + 1] = reason
  counted[#counted + 1] = count
end
return { counted, goOn and from }
`)

/** The newest letter's id in a range: what is parked later is not part of what was asked for. */
export const NEWEST = script(`
local newest = redis.call('XREVRANGE', KEYS[1], ARGV[2], ARGV[1], 'COUNT', 1)[1]
return newest and newest[1]
`)

/**
 * Puts the entry's own fields on the retry stream under its first id and removes the letter, as one step: a second call,
 * or one that lost its reply and is sent again, finds the letter gone. What Lua cannot hand on as fields stays JSON.
 */
export const SEND = script(`${ABOUT_FROM}
local dead, retry, id = KEYS[1], KEYS[2], ARGV[1]
local letter = redis.call('XRANGE', dead, id, id)[1]
if not letter then return { 'gone' } end
local fields = letter[2]
local start = aboutFrom(fields)
local about = {}
for i = start, #fields, 2 do about[fields[i]] = fields[i + 1] end
local entry
if about._dead_fields then
  entry = { '_dead_id', about._dead_id, '_dead_fields', about._dead_fields }
elseif about._dead_id and start > 1 then
  entry = { unpack(fields, 1, start - 1) }
  entry[start], entry[start + 1] = '_dead_id', about._dead_id
else
  return { 'empty' }
end
local sent = redis.call('XADD', retry, '*', unpack(entry))
redis.call('XDEL', dead, id)
return { 'sent', sent }
`)
