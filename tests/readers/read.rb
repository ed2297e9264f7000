# What Ruby's standard feed library makes of a document, as JSON on standard output.
require "rss"
require "json"

feed = RSS::Parser.parse(File.read(ARGV[0], encoding: "UTF-8"), true)
atom = feed.feed_type == "atom"
channel = atom ? feed : feed.channel
puts JSON.generate(
  title: atom ? feed.title.content : channel.title,
  link: atom ? feed.links.find { |one| one.rel == "alternate" }.href : channel.link,
  entries: (atom ? feed.entries : feed.items).map do |one|
    {
      id: atom ? one.id.content : one.guid.content,
      title: atom ? one.title.content : one.title,
      link: atom ? one.links.find { |two| two.rel == "alternate" }.href : one.link,
      date: (atom ? one.published.content : one.pubDate).getutc.strftime("%Y-%m-%dT%H:%M:%SZ"),
      authors: atom ? one.authors.map { |two| two.name.content } : one.dc_creators.map(&:content),
      categories: atom ? one.categories.map(&:label) : one.categories.map(&:content),
    }
  end
)
