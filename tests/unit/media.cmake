livefair_test(unit_media LABELS unit
  SOURCES
    media/amf3_test.cpp
    media/audio_only_test.cpp
    media/codec_test.cpp
    media/cue_test.cpp
    media/enhanced_test.cpp
    media/drift_test.cpp
    media/flv_test.cpp
    media/fragment_test.cpp
    media/rtmp_compat_test.cpp
    media/playlist_test.cpp
    media/rtmp_test.cpp
    media/segmenter_test.cpp
    media/stream_test.cpp
    media/timeline_test.cpp
  LIBS livefair_hls livefair_rtmp)
target_include_directories(unit_media PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})

livefair_test(unit_ladder LABELS unit
  SOURCES media/transcoder_test.cpp media/rendition_test.cpp
  LIBS livefair_ladder livefair_test_publisher)
target_include_directories(unit_ladder PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
livefair_test(unit_ingest LABELS unit
  SOURCES media/advice_test.cpp media/cue_book_test.cpp media/room_figures_test.cpp
  LIBS livefair_ingest livefair_proto)
livefair_test(unit_thumb LABELS unit
  SOURCES media/thumb_test.cpp
  LIBS livefair_thumb livefair_test_publisher livefair_test_frames)
livefair_test(unit_push LABELS unit
  SOURCES media/push_test.cpp
  LIBS livefair_push)

livefair_test(unit_record LABELS unit
  SOURCES media/record_test.cpp
  LIBS livefair_record livefair_test_support)
