// What is said comes from others: it is shown as text, never as HTML.
const enter = document.querySelector('#enter')
const say = document.querySelector('#say')
const said = document.querySelector('#said')
const state = document.querySelector('#state')

const WORDS = { says: '', comes: ' has come in', goes: ' has left' }

enter.addEventListener('submit', (event) => {
  event.preventDefault()
  const name = new FormData(enter).get('name')
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${location.host}/room?name=${encodeURIComponent(name)}`)
  socket.onopen = () => {
    state.textContent = `You are in the room, as ${name}.`
    enter.hidden = true
    say.hidden = false
    say.elements.text.focus()
  }
  socket.onmessage = ({ data }) => show(JSON.parse(data))
  socket.onclose = () => {
    state.textContent = 'The connection is closed.'
    enter.hidden = false
    say.hidden = true
  }
  say.onsubmit = (submitted) => {
    submitted.preventDefault()
    socket.send(say.elements.text.value)
    say.reset()
  }
})

function show({ kind, name, text }) {
  const item = document.createElement('li')
  item.className = kind
  item.textContent = kind === 'says' ? `${name}: ${text}` : `${name}${WORDS[kind]}`
  said.append(item)
  item.scrollIntoView()
}
