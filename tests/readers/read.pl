# What Perl's XML::Feed makes of a document, as JSON on standard output.
use strict;
use warnings;
use JSON::PP;
use XML::Feed;

# Else XML::Atom gives bytes where it should give text.
$XML::Atom::ForceUnicode = 1;

my $feed = XML::Feed->parse($ARGV[0]) or die XML::Feed->errstr;
my @entries;
for my $one ($feed->entries) {
    my $date = $one->issued->clone->set_time_zone("UTC");
    push @entries, {
        id => $one->id,
        title => $one->title,
        link => $one->link,
        date => $date->strftime("%Y-%m-%dT%H:%M:%SZ"),
        authors => [ map { ref($_) ? @$_ : $_ } $one->author ],
        categories => [ $one->category ],
    };
}
print JSON::PP->new->utf8->encode({ title => $feed->title, link => $feed->link, entries => \@entries });
