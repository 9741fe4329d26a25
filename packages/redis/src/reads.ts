/** Commands that change nothing: sending one of them again, when its answer was lost, does no harm. */
const READS = `
  bitcount bitfield_ro bitpos dbsize dump echo exists expiretime geodist geohash geopos georadius_ro georadiusbymember_ro
  geosearch get getbit getrange hexists hget hgetall hkeys hlen hmget hpexpiretime hpttl hrandfield hscan hstrlen httl hvals info
  keys lcs lindex llen lpos lrange memory mget object pexpiretime pfcount ping pttl randomkey scan scard sdiff sinter
  sintercard sismember smembers smismember sort_ro srandmember sscan strlen substr sunion time ttl type xinfo xlen xpending xrange
  xread xrevrange zcard zcount zdiff zinter zintercard zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore zrank
  zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion`

const reads: ReadonlySet<string> = new Set(READS.trim().split(/\s+/))

/** Whether the command only reads, whatever its arguments. */
export function isRead(name: string): boolean {
  return reads.has(name.toLowerCase())
}
