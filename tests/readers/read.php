<?php
// What SimplePie, the parser of FreshRSS and WordPress, makes of a document, as JSON on standard output.
error_reporting(E_ALL & ~E_DEPRECATED);
require 'simplepie/autoloader.php';

$feed = new SimplePie();
$feed->set_raw_data(file_get_contents($argv[1]));
$feed->enable_cache(false);
$feed->enable_order_by_date(false);
if (!$feed->init()) {
    fwrite(STDERR, $feed->error());
    exit(1);
}
// SimplePie 1.3 of Debian cannot parse dates under PHP 8; the text of the date is what it found.
function moment($item)
{
    $tags = $item->get_item_tags('', 'pubDate') ?? $item->get_item_tags(SIMPLEPIE_NAMESPACE_ATOM_10, 'published');
    return (new DateTimeImmutable($tags[0]['data']))->setTimezone(new DateTimeZone('UTC'))->format('Y-m-d\TH:i:s\Z');
}

$plain = fn($text) => html_entity_decode($text, ENT_QUOTES | ENT_HTML5, 'UTF-8');
$entries = [];
foreach ($feed->get_items() as $item) {
    $entries[] = [
        'id' => $item->get_id(),
        'title' => $plain($item->get_title()),
        'link' => $plain($item->get_permalink()),
        'date' => moment($item),
        'authors' => array_map(fn($one) => $plain($one->get_name() ?? $one->get_email()), $item->get_authors() ?? []),
        'categories' => array_map(fn($one) => $plain($one->get_label()), $item->get_categories() ?? []),
    ];
}
echo json_encode(
    ['title' => $plain($feed->get_title()), 'link' => $plain($feed->get_permalink()), 'entries' => $entries],
    JSON_UNESCAPED_UNICODE
);
